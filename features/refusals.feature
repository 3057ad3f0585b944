Feature: Being refused
  What cannot be had is refused with a clear answer, and a refusal is not the
  end: the viewer can go on with something else. Nobody is left in silence.

  @REFUSAL-1
  Rule: Returning to an unknown run is refused with `error`.

    Scenario: The run does not exist
      Given Ada has connected
      When Ada asks for a run that does not exist
      Then Ada is refused the unknown run

  @REFUSAL-2
  Rule: Returning without a run id is refused with `error`.

    Scenario: No run is named
      Given Ada has connected
      When Ada asks for a run without naming it
      Then Ada is refused the run without a name

  @REFUSAL-3
  Rule: After a refusal the connection still works.

    Scenario: The viewer pings after a refusal
      Given Ada has connected
      And Ada has asked for a run that does not exist
      When Ada pings
      Then the connection still works

    Scenario: The viewer starts a run after a refusal
      Given Ada has connected
      And Ada has asked for a run that does not exist
      When Ada starts a long run
      Then the connection still works

  @LIVENESS-1
  Rule: No request is met by endless silence: an answer or a close comes within the time limit.

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
