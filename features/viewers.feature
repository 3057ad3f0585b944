Feature: Several viewers of a run
  A run belongs to the server, not to a connection: it goes on whether anybody
  watches or not, and no viewer takes anything away from the others.

  @VIEWERS-1
  Rule: When two viewers have returned to one run, each gets all later events, or the one who is displaced is told so.

    Scenario: Another viewer joins one who has returned
      Given Ada has watched a long run for 5 events
      And Ada lost the connection while the run went on
      And Ada has returned with their position
      When Ben returns without a position
      Then everybody gets all later events, or is told why not

    @thorough
    Scenario: Two others join one who has returned
      Given Ada has watched a long run for 5 events
      And Ada lost the connection while the run went on
      And Ada has returned with their position
      And Cleo has returned without a position
      When Ben returns with event 4 as their position
      Then everybody gets all later events, or is told why not

    Scenario: The run pauses, and goes on
      Given Ada has watched a pausing run for 5 events
      And Ben has returned without a position
      And Cleo has returned without a position
      And Ben has seen the run pause
      When Ada lets the run continue
      Then everybody who stayed sees it go on

  @VIEWERS-2
  Rule: Viewers of different runs get only their own run's events.

    Scenario: Two viewers watch different runs
      Given Ada has watched a long run for 5 events
      When Ben watches a short run to its end meanwhile
      Then nobody gets an event of a run that is not theirs

    Scenario: Two viewers watch two runs of the same workflow
      Given Ada has watched a long run for 5 events
      When Ben watches a long run to its end meanwhile
      Then nobody gets an event of a run that is not theirs

  @VIEWERS-3
  Rule: When many viewers return at once, each gets exactly what they missed.

    Scenario: Everybody loses the connection at once
      Given Ada has watched a long run for 5 events
      And many others have joined the run
      And the others lost the connection while the run went on
      When the others return all at once
      Then each of them gets exactly what they missed

    Scenario: The viewers of several runs leave and return together, again and again
      When many viewers watch long runs, are cut off and return together, three times
      Then every viewer gets exactly what they missed

  @VIEWERS-4
  Rule: A viewer who does not read neither stops the run nor keeps events from other viewers.

    Scenario: A viewer who has joined the run stops reading
      Given Ada has watched a long run to its end
      When Ada starts the run again, and Ben joins and stops reading
      Then Ada gets the rest of the run, whether or not Ben reads

    Scenario: The viewer who started the run stops reading
      Given Ada has watched a long run to its end
      When Ada starts the run again and stops reading, and Ben joins
      Then Ben gets the rest of the run, whether or not Ada reads

  @VIEWERS-5
  Rule: A run goes on while nobody watches.

    Scenario: The only viewer is away twice
      Given Ada has watched a long run for 10 events
      And Ada left while the run went on
      And Ada has returned with their position
      And Ada has watched on for 5 events
      And Ada left while the run went on
      When Ada returns with their position
      Then the run has gone on without Ada

  @VIEWERS-6
  Rule: A viewer who returns does not disturb the stream of the viewer who started the run.

    Scenario: Another viewer joins the run
      Given Ada has watched a long run for 5 events
      When Ben returns without a position
      Then Ada watches on to the end as if nothing had happened

    Scenario: Another viewer joins the run and leaves again
      Given Ada has watched a long run for 5 events
      And Ben has returned without a position
      When Ben leaves
      Then Ada watches on to the end as if nothing had happened

  @VIEWERS-7 @should
  Rule: Returning twice on one connection, or on the connection that started the run, delivers nothing twice.

    Scenario: The viewer who started the run returns on the same connection
      Given Ada has watched a long run for 20 events
      When Ada asks for the run again with their position, on the same connection
      Then no later event comes to Ada twice

    Scenario: A viewer who has returned does so again on the same connection
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      And Ada has returned with their position
      When Ada asks for the run again with their position, on the same connection
      Then no later event comes to Ada twice

    @thorough
    Scenario: A viewer asks twice at once
      Given Ada has watched a long run for 20 events
      When Ben returns without a position, and asks once more before the answer
      Then no later event comes to Ben twice
