Feature: A run that waits for a person
  Some steps want a person's yes. Until it comes the run stands still, for hours
  perhaps, and nobody keeps a page open for so long. Whoever comes back sees the
  question, can answer it, and sees what follows.

  @PAUSE-1
  Rule: A paused run's ending so far (`WorkflowPaused`) reaches a viewer who returns, and the run can be continued.

    Scenario: Somebody else looks at the run that waits
      Given Ada has watched a pausing run until it paused
      When Ben returns without a position
      Then Ben learns that the run is paused, and can let it continue

    Scenario: The viewer was away when the run paused
      Given Ada has watched a pausing run for 5 events
      And Ben has returned without a position
      And Ada lost the connection, and Ben saw the run pause
      When Ada returns with their position
      Then Ada learns that the run is paused, and can let it continue

  @PAUSE-2
  Rule: A continued run's indices go on after the pause; none is used twice.

    Scenario: The viewer who saw the run pause lets it go on
      Given Ada has watched a pausing run until it paused
      When Ada lets the run continue
      Then its numbering continues after the pause

    Scenario: A viewer who has come back lets it go on
      Given Ada has watched a pausing run until it paused
      And Ada has left
      And Ada has returned without a position
      When Ada lets the run continue
      Then its numbering continues after the pause

    Scenario: Somebody lets it go on who has not looked at it
      Given Ada has watched a pausing run until it paused
      When Ben lets the run continue
      Then its numbering continues after the pause
