Feature: Knowing how a run ends
  What Ada takes a run for shows when Ada ends, or says it.

  @CLIENT-ENDING-1
  Rule: A client knows completed and failed runs as ended.

    Scenario Outline: A <part> run comes to its end
      Given Ada is watching the beginning of a <part> run
      When the run goes on to its end
      Then Ada knows that the run has ended

      Examples:
        | part    |
        | short   |
        | failing |

  @CLIENT-ENDING-2
  Rule: For a client a run that ended while it was away is over.

    Scenario: The run ends before Ada is back
      Given Ada is watching a long run
      When the connection is reset, and the run ends before Ada is back
      Then for Ada the run is over

  @CLIENT-ENDING-3
  Rule: A client shows a cancelled run as cancelled, whatever follows.

    Scenario: The run is cancelled while Ada watches
      Given Ada is watching a long run
      When the run is cancelled while Ada watches
      Then Ada shows the run as cancelled

  @CLIENT-ENDING-4
  Rule: A client shows a paused run as waiting, neither as finished nor as lost.

    Scenario: The run asks a person
      Given Ada is watching the beginning of a pausing run
      When the run pauses while Ada watches
      Then Ada shows the run as waiting
