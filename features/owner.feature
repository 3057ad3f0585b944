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
