Feature: Being refused
  What the server cannot do is refused with a clear answer. A refusal is not the
  end: the viewer can go on with something else on the same connection.

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
