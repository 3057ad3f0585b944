Feature: Who may see a run
  A run belongs to the session in which it was started and to its workflow. A viewer
  who names another one has made a mistake, and is not shown somebody else's run.
  Where users are kept apart, a run also belongs to the user who started it.

  @OWNER-1 @should
  Rule: A run is not shown to a viewer who names another session or workflow.

    Scenario Outline: The viewer names another <what> for a finished run
      Given Ada has watched a short run to its end
      When Ben returns and names another <what>
      Then Ben is not shown the run

      Examples:
        | what     |
        | session  |
        | workflow |

    Scenario: The viewer names another session for a run under way
      Given Ada has watched a long run for 20 events
      When Ben returns and names another session
      Then Ben is not shown the run

    Scenario: The viewer names another workflow for a run under way
      Given Ada has watched a long run for 20 events
      When Ben returns and names another workflow
      Then Ben is not shown the run

    @thorough
    Scenario Outline: The viewer names another <what> for a run under way, and returns <position>
      Given Ada has watched a long run for 20 events
      When Ben returns <position> and names another <what>
      Then Ben is not shown the run

      Examples:
        | what     | position                       |
        | session  | with event 4 as their position |
        | workflow | with event 4 as their position |
        | session  | with the position left out     |

    @thorough
    Scenario Outline: The viewer names another <what> for a finished run, and returns <position>
      Given Ada has watched a short run to its end
      When Ben returns <position> and names another <what>
      Then Ben is not shown the run

      Examples:
        | what     | position                       |
        | session  | with event 4 as their position |
        | workflow | with the position left out     |

  @OWNER-2
  Rule: Where users are kept apart, another user's run looks like one that does not exist.

    Scenario: Another user asks for a finished run
      Given a server that keeps users apart
      And Ada and Ben are different users
      And Ada has watched a short run to its end
      And Ben was refused runs that do not exist
      When Ben asks for the run, too
      Then Ben gets the same refusal as for a run that does not exist

    Scenario: Another user asks for a run under way
      Given a server that keeps users apart
      And Ada and Ben are different users
      And Ada has watched a long run for 20 events
      And Ben was refused runs that do not exist
      When Ben asks for the run, too
      Then Ben gets the same refusal as for a run that does not exist

    @thorough
    Scenario Outline: Another user asks for a run under way <position>
      Given a server that keeps users apart
      And Ada and Ben are different users
      And Ada has watched a long run for 20 events
      And Ben was refused runs that do not exist
      When Ben asks for the run, too, <position>
      Then Ben gets the same refusal as for a run that does not exist

      Examples:
        | position                       |
        | with event 4 as their position |
        | with the position left out     |

    Scenario: Another user cancels a run
      Given a server that keeps users apart
      And Ada and Ben are different users
      And Ada has watched a long run for 20 events
      When Ben tries to cancel the run
      Then the run comes to its own end, since it is not Ben's

    Scenario: Another user lets a paused run continue
      Given a server that keeps users apart
      And Ada and Ben are different users
      And Ada has watched a pausing run until it paused
      When Ben tries to let the run continue
      Then the run stays as it is, since it is not Ben's

  @OWNER-3
  Rule: Where permissions are given for single workflows, a run can only be followed with the permission for its workflow.

    Scenario: A viewer asks for a run under way that they may not start
      Given a server that gives permissions for single workflows
      And Ada has every permission, and Ben that for short runs alone
      And Ada has watched a long run for 20 events
      And Ben was refused a long run
      When Ben asks for the run, too
      Then Ben is not shown the run
