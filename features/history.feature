Feature: Joining a run without a position
  A viewer who does not know how far they got, because the page was reloaded or a
  colleague sent a link, sees the run from its beginning and then watches on live.

  @HISTORY-1
  Rule: A viewer who returns to a run under way without a position (`null`) gets the whole history from event 0, then `subscribed`, then live events.

    Scenario: The viewer has forgotten the position
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      When Ada returns without a position
      Then Ada gets the history from event 0, is subscribed, and goes on live

    Scenario: Another viewer joins the run
      Given Ada has watched a long run for 20 events
      When Ben returns without a position
      Then Ben gets the history from event 0, is subscribed, and goes on live

    @breakpoint
    Scenario: The viewer left before the first event
      Given Ada has started a long run that has not begun
      And Ada lost the connection while the run went on
      When Ada returns without a position
      Then Ada gets the history from event 0, is subscribed, and goes on live

  @HISTORY-2 @should
  Rule: A request to return that leaves out the position is treated like one with the position `null`.

    Scenario: The viewer leaves out the position
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      When Ada returns with the position left out
      Then leaving out the position gives Ada the history from event 0

  @HISTORY-3 @should
  Rule: A return that names only the run is answered like one that names session and workflow.

    Scenario: The run is under way
      Given Ada has watched a long run for 20 events
      And Ben has returned without a position
      When Cleo returns without a position and names only the run
      Then Cleo is answered like Ben

    Scenario: The run has finished
      Given Ada has watched a short run to its end
      And Ben has returned without a position
      When Cleo returns without a position and names only the run
      Then Cleo is answered like Ben
