Feature: Returning at an awkward moment
  A run does not wait for viewers who return. Events that happen meanwhile, at the
  end of the run or before its first event, reach them too: once, and in order.

  @SEAM-1
  Rule: Events that happen while the server is still sending missed ones are delivered too, once and in order.

    Scenario: The viewer missed many events, and the run goes on
      Given Ada has watched a long run for 5 events
      And Ada lost the connection while much of the run went by
      When Ada returns with their position while the run goes on
      Then the live events follow directly after the missed ones

    Scenario: A viewer joins while the run goes on
      Given Ada has watched a long run for 20 events
      When Ben returns without a position while the run goes on
      Then the live events follow directly after the missed ones

    Scenario: Several viewers return and read slowly while many events happen
      Given Ada has watched a run that repeats a very long text for 5 events
      When several others return at once, and read slowly while the run goes on
      Then the live events follow directly after the missed ones

    Scenario: Several viewers return and read slowly while the run fails
      Given Ada has watched a failing run for 10 events
      When several others return at once, and read slowly while the run goes on
      Then the live events follow directly after the missed ones

    Scenario: Several viewers return while the run goes on
      Given Ada has watched a long run for 20 events
      When several others return at once, and read slowly while the run goes on
      Then the live events follow directly after the missed ones

  @SEAM-2
  Rule: A viewer who returns at the very moment the run ends still gets the ending.

    Scenario: Viewers return just before the run ends, and at the moment it ends
      Given Ada has watched a short run to its end
      When Ada starts the run again, and others return at the very moment when it ends
      Then everybody who returned gets the ending

  @SEAM-3
  Rule: A viewer who returns before a run's first event misses nothing.

    @breakpoint
    Scenario: The run was started, and has no events yet
      Given Ada has started a long run that has not begun
      When Ben returns without a position
      Then Ben misses nothing

    Scenario: The run has only just begun
      Given Ada has watched a long run for 1 event
      When Ben returns without a position
      Then Ben misses nothing

    @breakpoint
    Scenario: The viewer who started the run leaves before its first event
      Given Ada has started a long run that has not begun
      And Ada lost the connection while the run was stopped
      When Ada returns without a position
      Then Ada misses nothing
