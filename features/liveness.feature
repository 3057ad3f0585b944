Feature: Answering in time
  Whatever a viewer asks for, an answer comes in time, be it good news or bad.
  Nobody waits for ever, not knowing whether the server has understood.

  @LIVENESS-1
  Rule: Every request is answered, or the connection is closed, within the time limit.

    Scenario Outline: The viewer <asks>
      Given Ada has connected
      When Ada <asks>
      Then Ada is not left in silence

      Examples:
        | asks                                   |
        | starts a long run                      |
        | starts a workflow that does not exist  |
        | starts a run without naming a workflow |
        | asks for a run that does not exist     |
        | asks for a run without naming it       |

  @LIVENESS-2
  Rule: A stretch without events costs nobody the stream.

    Scenario: Viewers wait for a step that says nothing for long
      Given Ada is watching a quiet run
      And Ben has returned without a position
      When nothing happens in the run for long
      Then the stream goes on for everybody who watches
