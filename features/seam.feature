Feature: Returning at an awkward moment
  A run does not wait for those who return. Whatever happens while they do, at
  its end or before its beginning, reaches them as well: once, and in order.

  @SEAM-1
  Rule: Events that happen while the server is still sending missed ones are delivered, once and in order.

    Scenario: Much was missed, and the run goes on
      Given Ada has watched a long run for 5 events
      And Ada lost the connection while much of the run went by
      When Ada returns with their position while the run goes on
      Then the live events follow directly after the missed ones

    Scenario: Somebody joins a run that goes on
      Given Ada has watched a long run for 20 events
      When Ben returns without a position while the run goes on
      Then the live events follow directly after the missed ones

    Scenario: Those who return read slowly, and much happens meanwhile
      Given Ada has watched a run that repeats a very long text for 5 events
      When several others return at once, and read slowly while the run goes on
      Then the live events follow directly after the missed ones

    Scenario: Several return to a run that goes on
      Given Ada has watched a long run for 20 events
      When several others return at once, and read slowly while the run goes on
      Then the live events follow directly after the missed ones

  @SEAM-2
  Rule: A viewer who returns at the very moment at which the run ends still gets the ending.

    Scenario: Viewers return just before the ending, and with it
      Given Ada has watched a short run to its end
      When Ada starts the run again, and others return at the very moment when it ends
      Then everybody who returned gets the ending

  @SEAM-3
  Rule: A viewer who returns before the first event misses nothing.

    @hold
    Scenario: The run has been started, and nothing has happened yet
      Given Ada has started a long run that has not begun
      When Ben returns without a position
      Then Ben misses nothing

    @hold
    Scenario: The viewer who started the run leaves before anything has happened
      Given Ada has started a long run that has not begun
      And Ada lost the connection while the run was stopped
      When Ada returns without a position
      Then Ada misses nothing
