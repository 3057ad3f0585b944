Feature: Several runs at once
  A conversation has several runs, and a page can show several of them. Each is
  returned to as if it were the only one, and none takes anything from another.

  @SESSION-1
  Rule: Runs of one session are each returned to as themselves: own id, own indices from 0, own events, under way or finished.

    Scenario: Two runs of a session have finished
      Given Ada has watched a short run to its end
      And Ada has watched another short run of the same session to its end
      And Ben has returned without a position
      When Cleo returns to the earlier run without a position
      Then each run of the session is shown as itself

    Scenario: A run of a session has finished, and another one is under way
      Given Ada has watched a short run to its end
      And Dan has watched another long run of the same session for 20 events
      And Ben has returned to the earlier run without a position
      When Cleo returns without a position
      Then each run of the session is shown as itself

  @VIEWERS-9
  Rule: One connection can return to several runs, and ask for replays beside a live one; none ends another.

    Scenario: A viewer of a run under way asks for a finished one
      Given Ada has watched a short run to its end
      And Ben has watched a long run for 5 events
      And Cleo has returned without a position
      When Cleo asks for the earlier run, too, without a position, on the same connection
      Then Cleo gets each run to its end

    Scenario: A viewer of a run under way asks for another one under way
      Given Ada has watched a long run for 5 events
      And Ben has watched a long run for 5 events
      And Cleo has returned without a position
      When Cleo asks for the earlier run, too, without a position, on the same connection
      Then Cleo gets each run to its end

    Scenario: The viewer who started a run asks for a finished one
      Given Ada has watched a short run to its end
      And Ben has watched a long run for 5 events
      When Ben asks for the earlier run, too, without a position, on the same connection
      Then Ben gets each run to its end

    @thorough
    Scenario: A viewer of a run under way asks for a finished one three times
      Given Ada has watched a short run to its end
      And Ben has watched a long run for 5 events
      And Ben has asked for the earlier run, too, without a position, on the same connection
      And Ben has asked for the earlier run, too, with their position, on the same connection
      When Ben asks for the earlier run, too, without a position, on the same connection
      Then Ben gets each run to its end
