Feature: A run that fails
  Viewers need to learn of a failure, too. Everybody who watches a run is told that
  it failed, and a viewer who returns later is not left waiting for a run that is over.

  @FAILING-1
  Rule: When a run fails, `WorkflowError` reaches the viewer who started it and every viewer who is subscribed.

    Scenario: Another viewer joins the run before it fails
      Given Ada has watched a failing run for 1 event
      When Ben returns without a position
      Then everybody who watches is told that the run failed

  @FAILING-2
  Rule: A failed run is replayed as failed, and not shown as running.

    Scenario Outline: The viewer returns after the failure <position>
      Given Ada has watched a failing run to its end
      And Ada has left
      When Ada returns <position>
      Then the run is shown as failed

      Examples:
        | position                       |
        | with their position            |
        | with event 2 as their position |
        | without a position             |
