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
