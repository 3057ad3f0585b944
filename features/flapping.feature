Feature: A connection that comes and goes
  On a train the connection is lost again and again, at any moment and in any
  way. In the end the viewer has still seen the whole run, and every event once.

  @FLAPPING-1
  Rule: A run watched over many short connections adds up to the run watched over one: same indices, same events.

    Scenario: The connection comes and goes until the run ends
      Given Ada has watched a long run for 5 events
      And Ada has disconnected and returned until the run ended
      When Ben returns without a position
      Then the connections of Ada, put together, show the run that Ben sees

  @FLAPPING-2
  Rule: A viewer who returns gets the whole run, after whichever index the connection was cut and however it ended: by a closing handshake, by a reset, silently or in the middle of a message.

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
