Feature: Reconnecting to a run
  A viewer watches a run, loses the connection and returns: nothing is lost, doubled or out of order.
  The other features say each sentence of it alone, with the situations in which it is hard to keep.

  @CATCHUP-1 @CATCHUP-2 @CATCHUP-3 @CATCHUP-4 @CATCHUP-5
  Rule: A viewer who returns to a run under way is told what they missed, gets exactly that, is subscribed, and watches on live to the ending.

    Scenario: The connection drops after 20 events
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      When Ada returns with their position
      Then Ada is told first of all that events were missed
      And exactly as many missed events follow as were announced
      And Ada is subscribed once, between the missed events and the live ones
      And the run goes on live to its ending, without a gap or a repeat
