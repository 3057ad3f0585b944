Feature: Letting a paused run go on
  A person approves a step over HTTP, and closes the page. What was approved is
  carried out, and everybody who comes later sees it.

  @CONTINUE-1
  Rule: A continued run's events are kept and can be resumed like those before the pause, however the continue was streamed.

    Scenario: The viewer who let the run go on watched it
      Given Ada has watched a pausing run until it paused
      And Ada has let the run continue
      When Ben returns with event 2 as their position
      Then Ben gets what came after the pause

    Scenario: Nobody watched the run go on
      Given Ada has watched a pausing run until it paused
      And Ada has let the run continue without watching it
      When Ben returns without a position
      Then Ben gets what came after the pause

    Scenario: The viewer who let the run go on comes back
      Given Ada has watched a pausing run until it paused
      And Ada has let the run continue, and lost the connection
      When Ada returns with their position
      Then Ada gets what came after the pause

  @CONTINUE-2
  Rule: Who leaves a continue ends nothing silently: the run goes on, or its ending is told.

    Scenario: The viewer who let the run go on comes back
      Given Ada has watched a pausing run until it paused
      And Ada has let the run continue, and lost the connection
      When Ada returns with their position
      Then Ada gets what came after the pause

    Scenario: Another viewer comes
      Given Ada has watched a pausing run until it paused
      And Ada has let the run continue, and lost the connection
      When Ben returns without a position
      Then Ben gets what came after the pause
