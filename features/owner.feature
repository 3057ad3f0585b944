Feature: Whose run it is
  A run belongs to the session in which it was started and to its workflow. Whoever
  names another one has mixed something up, and is not shown what is not theirs.

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
