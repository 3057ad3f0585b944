Feature: Cancelling a run
  A person can end a run before its time. Whoever watches sees that it has been
  stopped, and whoever comes back later does not wait for a result in vain.

  @CANCEL-1
  Rule: A cancelled run says `WorkflowCancelled` (a `WorkflowCompleted` may follow as the end of the stream), and nothing after that.

    Scenario: The viewer who started the run cancels it
      Given Ada has watched a long run for 20 events
      When Ada cancels the run
      Then everybody who watches is told that it was cancelled, and nothing follows

    Scenario: Somebody else watches as well
      Given Ada has watched a long run for 20 events
      And Ben has returned without a position
      When Ada cancels the run
      Then everybody who watches is told that it was cancelled, and nothing follows

  @CANCEL-2
  Rule: A run that was cancelled while the viewer was away is replayed as cancelled.

    Scenario Outline: The viewer comes back <position>
      Given Ada has watched a long run for 20 events
      And Ada lost the connection, and Ben cancelled the run meanwhile
      When Ada returns <position>
      Then Ada is shown the run as cancelled

      Examples:
        | position            |
        | with their position |
        | without a position  |
