Feature: A connection that comes and goes
  On a train the connection is lost again and again, at any moment and in any
  way. What a viewer has seen in the end is still the run: all of it, once.

  @FLAPPING-1
  Rule: A run watched over many short visits is, put together, the run watched over one: same indices, same events.

    Scenario: The connection comes and goes until the run ends
      Given Ada has watched a long run for 5 events
      And Ada has disconnected and returned until the run ended
      When Ben returns without a position
      Then the connections of Ada, put together, show the run that Ben sees

  @FLAPPING-2
  Rule: This holds for a connection cut after any index, and for every way of leaving: closing handshake, reset, vanished without a word, in the middle of a message.

    Scenario Outline: The connections end <how>
      Given Ada has watched a short run to its end
      When viewers of such runs disconnect <how>, each after a different event, and return
      Then each viewer has seen a whole run

      Examples:
        | how                                     |
        | with a closing handshake                |
        | by a reset                              |
        | silently, with the connection left open |
        | in the middle of a message              |
        | with events unread                      |
        | in the middle of catching up            |
