Feature: Several replicas of one server
  Behind one address there may be several servers, and nobody chooses which of
  them a new connection reaches. For viewers it makes no difference.

  @REPLICA-1
  Rule: A viewer who returns to another replica of the server gets what they missed and everything live, as from the replica that runs the workflow.

    Scenario: The viewer returns to another replica
      Given two replicas of one server
      And Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      And Ben has returned with event 19 as their position
      When Ada returns to the other replica with their position
      Then Ada gets what was missed and everything live, as Ben does

    Scenario: A viewer joins through another replica
      Given two replicas of one server
      And Ada has watched a long run for 20 events
      And Ben has returned without a position
      When Cleo returns to the other replica without a position
      Then Cleo gets what was missed and everything live, as Ben does

    Scenario: The run was started on the other replica
      Given two replicas of one server
      And Ada has connected to the other replica
      And Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      And Ada has returned with their position
      When Ben returns with event 19 as their position
      Then Ben gets what was missed and everything live, as Ada does

  @REPLICA-2
  Rule: Every replica replays a finished run in the same way.

    Scenario Outline: A <part> run is replayed by both replicas
      Given two replicas of one server
      And Ada has watched a <part> run to its end
      And Ben has returned without a position
      When Cleo returns to the other replica without a position
      Then both replicas show the same run

      Examples:
        | part    |
        | short   |
        | long    |
        | failing |

    Scenario: A cancelled run is replayed by both replicas
      Given two replicas of one server
      And Ada has watched a long run for 20 events
      And Ada has cancelled the run
      And Ben has returned without a position
      When Cleo returns to the other replica without a position
      Then both replicas show the same run

  @REPLICA-3
  Rule: When the replica that carries out a run dies, viewers at another one are told within the time limit.

    # Alone and last, since the replica stays dead.
    @serial
    Scenario: A viewer watches the run at another replica
      Given two replicas of one server
      And Ada has connected to the other replica
      And Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      And Ben has returned without a position
      When the other replica dies
      Then Ben is told what became of the run
