Feature: Returning to a finished run
  A viewer who returns after the end gets the whole run again, from its first
  event to its ending, and learns how it ended.

  @REPLAY-1
  Rule: A viewer who returns to a finished run gets `replay` and then every event from index 0, whatever position they name.

    Scenario Outline: The viewer of a <part> run returns <position>
      Given Ada has watched a <part> run to its end
      And Ada has left
      When Ada returns <position>
      Then the whole run is replayed from event 0

      Examples:
        | part      | position                        |
        | short     | with their position             |
        | short     | without a position              |
        | long      | with event 99 as their position |
        | talkative | without a position              |
        | nested    | with the position left out      |
        | failing   | with event 2 as their position  |

    Scenario: The connection was lost at the very moment the run ended
      Given Ada has watched a short run to its end
      And Ada has started the run again, and lost the connection as Ben saw it end
      When Ada returns with their position
      Then the whole run is replayed from event 0

    Scenario: A run that was paused and continued is replayed
      Given Ada has watched a pausing run until it paused
      And Ada has let the run continue
      When Ben returns without a position
      Then the whole run is replayed from event 0

    Scenario: A run that was started over HTTP is replayed
      Given Ada has started a long run over HTTP
      And Ben has returned without a position and watched to the end
      When Cleo returns with event 2 as their position
      Then the whole run is replayed from event 0

  @REPLAY-2
  Rule: Exactly as many events follow as `replay` announced in `total_events`.

    Scenario Outline: A <part> run is replayed
      Given Ada has watched a <part> run to its end
      And Ada has left
      When Ada returns with their position
      Then exactly as many events follow as the replay announced

      Examples:
        | part    |
        | short   |
        | long    |
        | nested  |
        | failing |

    Scenario: A cancelled run is replayed
      Given Ada has watched a long run for 20 events
      And Ada has cancelled the run
      When Ben returns with event 2 as their position
      Then exactly as many events follow as the replay announced

  @REPLAY-3
  Rule: `replay` says how the run ended: completed, failed or cancelled.

    Scenario Outline: A <part> run is replayed
      Given Ada has watched a <part> run to its end
      And Ada has left
      When Ada returns with their position
      Then the replay tells how the run ended

      Examples:
        | part    |
        | short   |
        | long    |
        | failing |
        | nested  |

  @REPLAY-4 @should
  Rule: After a replay no `subscribed` follows, and the connection stays usable.

    Scenario Outline: The viewer of a <part> run stays after the replay
      Given Ada has watched a <part> run to its end
      And Ada has left
      And Ada has returned with their position
      When Ada pings
      Then Ada was not subscribed, and their connection is still usable

      Examples:
        | part  |
        | short |
        | long  |

  @REPLAY-5 @should
  Rule: A replay can be requested again, and is the same as before.

    Scenario Outline: The viewer of a <part> run asks for it twice
      Given Ada has watched a <part> run to its end
      And Ada has left
      And Ada has returned without a position
      When Ada asks for the replay again
      Then the second replay is the same as the first

      Examples:
        | part  |
        | short |
        | long  |

    @thorough
    Scenario: The viewer of a finished run asks for it three times
      Given Ada has watched a short run to its end
      And Ada has left
      And Ada has returned without a position
      And Ada has asked for the replay again
      When Ada asks for the replay again
      Then the second replay is the same as the first
