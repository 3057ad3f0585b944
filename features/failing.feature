Feature: A run that fails
  Viewers need to learn of a failure, too. Everybody who watches a run is told that
  it failed, and a viewer who returns later is not left waiting for a run that is over.

  @FAILING-1
  Rule: When a run fails, `WorkflowError` reaches the viewer who started it and every viewer who is subscribed.

    Scenario: The viewer who started the run watches it fail
      When Ada watches a failing run to its end
      Then everybody who watches is told that the run failed

    @breakpoint
    Scenario: Another viewer joins the run before it fails
      Given Ada has watched a failing run for 3 events
      When Ben returns without a position
      Then everybody who watches is told that the run failed

  @FAILING-2
  Rule: A failed run is replayed as failed, and not shown as running.

    Scenario: The viewer returns after the failure
      Given Ada has watched a failing run to its end
      And Ada has left
      When Ada returns with their position
      Then the run is shown as failed
