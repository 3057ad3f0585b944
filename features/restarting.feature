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
        | part  |
        | short |
        | long  |

  @RESTART-2
  Rule: A paused run that is continued after a restart of the server goes on at the next index.

    @serial
    Scenario: The server is restarted while a run waits for a person
      Given Ada has watched a pausing run until it paused
      And the server was restarted
      When Ada lets the run continue
      Then its numbering continues as if the server had never stopped
