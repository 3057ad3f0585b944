Feature: Restarting the server
  Servers are restarted for a new release, for a bigger machine, or after a crash.
  Runs that had ended or paused before are still there afterwards.

  @RESTART-1
  Rule: After a restart of the server, a finished run is still replayed, event for event.

    @serial
    Scenario Outline: The server is restarted after a <part> run
      Given Ada has watched a <part> run to its end
      And Ada has left
      And the server was restarted
      When Ada returns without a position
      Then the run is replayed as it came live

      Examples:
        | part    |
        | short   |
        | long    |
        | failing |

    @serial
    Scenario: The server is restarted after a run was cancelled
      Given Ada has watched a long run for 20 events
      And Ada has cancelled the run
      And the server was restarted
      When Ben returns without a position
      Then the run is replayed as it came live

    @serial @thorough
    Scenario: The server is restarted twice after a run that was paused and continued
      Given Ada has watched a pausing run until it paused
      And Ada has let the run continue
      And the server was restarted
      And the server was restarted
      When Ben returns without a position
      Then the run is replayed as it came live

  @RESTART-2
  Rule: A paused run that is continued after a restart of the server goes on at the next index.

    @serial
    Scenario: The server is restarted while a run waits for a person
      Given Ada has watched a pausing run until it paused
      And the server was restarted
      When Ada lets the run continue
      Then its numbering continues as if the server had never stopped

  @RESTART-3
  Rule: A run that a restart cut off is not shown as running for ever: an `error`, its ending, a `replay` as failed, or further events follow.

    @serial
    Scenario: The server is restarted while a run is under way
      Given Ada has watched a long run for 20 events
      And the server was restarted
      When Ada returns with their position
      Then Ada is not left waiting for the rest of the run
