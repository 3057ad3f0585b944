Feature: Cancelling a run
  A person can end a run early. Everybody who watches sees that it was stopped,
  and a viewer who returns later does not wait for a result that will never come.

  @CANCEL-1
  Rule: When a run is cancelled, `WorkflowCancelled` is delivered, and only a `WorkflowCompleted` may follow it, to end the stream.

    Scenario: The viewer who started the run cancels it
      Given Ada has watched a long run for 20 events
      When Ada cancels the run
      Then everybody who watches is told that it was cancelled, and nothing follows

    Scenario: Another viewer watches as well
      Given Ada has watched a long run for 20 events
      And Ben has returned without a position
      When Ada cancels the run
      Then everybody who watches is told that it was cancelled, and nothing follows

    Scenario: A run that was started over HTTP is cancelled
      Given Ada has started a long run over HTTP
      And Ben has returned without a position
      When Ben cancels the run
      Then everybody who watches is told that it was cancelled, and nothing follows

    @thorough
    Scenario: The run is cancelled twice
      Given Ada has watched a long run for 20 events
      And Ben has returned without a position
      When Ada cancels the run twice
      Then everybody who watches is told that it was cancelled, and nothing follows

  @CANCEL-2
  Rule: A run that was cancelled while the viewer was away is replayed as cancelled.

    Scenario Outline: The viewer returns <position>
      Given Ada has watched a long run for 20 events
      And Ada lost the connection, and Ben cancelled the run meanwhile
      When Ada returns <position>
      Then Ada is shown the run as cancelled

      Examples:
        | position            |
        | with their position |
        | without a position  |

    Scenario: The server has dropped the run from its memory
      Given Ada has watched a long run for 20 events
      And Ada lost the connection, and Ben cancelled the run meanwhile
      And the server has dropped the run from its memory
      When Ada returns without a position
      Then Ada is shown the run as cancelled

  @CANCEL-3
  Rule: A paused run that is cancelled says so, is replayed as cancelled, and answers `continue-workflow` with `error`.

    Scenario Outline: Another viewer comes <position>
      Given Ada has watched a pausing run until it paused
      And Ben has cancelled the run
      When Cleo returns <position>
      Then everybody is told that it was cancelled, and Cleo cannot let it continue

      Examples:
        | position                       |
        | without a position             |
        | with event 2 as their position |
