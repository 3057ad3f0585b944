Feature: Closing the connection
  A viewer who closes the page closes the connection with a handshake, and the
  server answers it, so that both know that nothing more will come.

  @CLOSE-1 @should
  Rule: The server answers a closing handshake with one of its own.

    Scenario: Nothing else happens on the connection
      Given Ada has connected
      When Ada leaves
      Then the server completes the closing handshake

    Scenario: A run is streaming on the connection
      Given Ada is watching a long run
      When Ada leaves
      Then the server completes the closing handshake

  @VIEWERS-8
  Rule: A connection that closes takes nothing from viewers on other ones, whichever was opened first.

    Scenario: The viewer who started the run leaves
      Given Ada has watched a long run for 5 events
      And Ben has returned without a position
      When Ada disconnects with a closing handshake while the others watch
      Then everybody else gets the rest of the run

    Scenario Outline: The <which> of two viewers who returned disconnects <how>
      Given Ada has watched a long run for 5 events
      And Ben has returned without a position
      And Cleo has returned with event 4 as their position
      When <who> disconnects <how> while the others watch
      Then everybody else gets the rest of the run

      Examples:
        | which  | who  | how                      |
        | first  | Ben  | with a closing handshake |
        | first  | Ben  | by a reset               |
        | second | Cleo | with a closing handshake |
        | second | Cleo | by a reset               |

    @thorough
    Scenario Outline: The viewer who started the run disconnects <how>
      Given Ada has watched a long run for 5 events
      And Ben has returned without a position
      And Cleo has returned with event 4 as their position
      When Ada disconnects <how> while the others watch
      Then everybody else gets the rest of the run

      Examples:
        | how                        |
        | by a reset                 |
        | in the middle of a message |
