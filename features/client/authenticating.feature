Feature: Showing the token
  The server is ours, and asks Ada for a token on every connection.

  @CLIENT-AUTH-1
  Rule: Where the greeting asks for a token, a client shows it first on every connection.

    Scenario: The connection is reset
      Given Ada is watching a long run where a token is needed
      When the connection is reset
      Then Ada shows the token first on each connection

  @CLIENT-AUTH-2
  Rule: A client does not show a refused token again and again.

    Scenario: The token is refused when Ada comes back
      Given Ada is watching a long run where a token is needed
      When the connection is reset, and the token is refused from then on
      Then Ada does not show the refused token again and again

  @CLIENT-AUTH-3 @should
  Rule: A client's token is not part of the address.

    Scenario: The connection is reset
      Given Ada is watching a long run where a token is needed
      When the connection is reset
      Then Ada's token is not part of the address
