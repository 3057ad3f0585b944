Feature: One run over both wires
  A run can be watched over a WebSocket and over HTTP. Whichever way a viewer
  comes, it is the same run.

  @BOTH-1
  Rule: A run is the same over both wires: same indices, same events, live, missed and replayed.

    Scenario: Another viewer joins the run over the other wire
      Given Ada has watched a long run for 20 events
      When Ben returns over the other wire without a position
      Then everybody watches the same run to its end

    Scenario: The viewer comes back over the other wire
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      When Ada returns over the other wire with their position
      Then everybody watches the same run to its end

    Scenario: A finished run is replayed over the other wire
      Given Ada has watched a long run to its end
      And Ada has left
      When Ben returns over the other wire without a position
      Then the replay shows the same run

  @BOTH-2
  Rule: A run's status is the same over both wires and over `GET`.

    Scenario Outline: A <part> run has finished
      Given Ada has watched a <part> run to its end
      And Ben has returned over the other wire without a position
      When Cleo returns without a position
      Then Cleo is told the same status everywhere

      Examples:
        | part    |
        | short   |
        | failing |

    Scenario: A run was cancelled
      Given Ada has watched a long run for 20 events
      And Ada has cancelled the run
      And Ben has returned over the other wire without a position
      When Cleo returns without a position
      Then Cleo is told the same status everywhere

    Scenario: A run waits for a person
      Given Ada has watched a pausing run until it paused
      And Ben has returned over the other wire without a position
      When Cleo returns without a position
      Then Cleo is told the same status everywhere
