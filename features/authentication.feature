Feature: Showing a token
  A server that asks for a token asks for it at every door and on every
  connection. Who has none, or a wrong one, gets nothing.

  @AUTH-1
  Rule: Where authentication is required, no action but `authenticate` has an effect before it; the answer is `auth_required`.

    Scenario Outline: A stranger <asks>
      Given a server that asks for a token
      And Ada has connected without a token
      When Ada <asks>
      Then Ada is asked for a token, and nothing else happens

      Examples:
        | asks                                               |
        | pings without a token                              |
        | starts a long run without a token                  |
        | asks without a token for a run that does not exist |

    Scenario: A stranger starts a run where users are known by their tokens
      Given a server that knows its users
      And Ada has connected without a token
      When Ada starts a long run without a token
      Then Ada is asked for a token, and nothing else happens

  @AUTH-2
  Rule: A wrong or missing token is answered by `auth_error` and opens nothing.

    Scenario Outline: A stranger authenticates <proof>
      Given a server that asks for a token
      And Ada has connected without a token
      When Ada authenticates <proof>
      Then the token is refused, and Ada stays unauthenticated

      Examples:
        | proof                                   |
        | with no token                           |
        | with an empty token                     |
        | with a wrong token                      |
        | with a token that differs in one letter |

    Scenario Outline: A stranger authenticates <proof> where users are known by their tokens
      Given a server that knows its users
      And Ada has connected without a token
      When Ada authenticates <proof>
      Then the token is refused, and Ada stays unauthenticated

      Examples:
        | proof                                   |
        | with a wrong token                      |
        | with a token that differs in one letter |

  @AUTH-3
  Rule: A new connection starts unauthenticated, also when its viewer returns to its own run.

    Scenario: The viewer returns to a run under way
      Given a server that asks for a token
      And Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      When Ada returns with their position and without a token
      Then Ada is asked for a token again, and gets nothing else

    Scenario: The viewer returns to a finished run
      Given a server that asks for a token
      And Ada has watched a short run to its end
      When Ada returns with their position and without a token
      Then Ada is asked for a token again, and gets nothing else

  @AUTH-4
  Rule: A server that asks for a token over HTTP asks for one on the WebSocket.

    Scenario Outline: A stranger comes to <server>
      Given <server>
      And Ada was refused the list of workflows because they had no token
      When Ada starts a long run without a token
      Then Ada is asked for a token on this connection, too

      Examples:
        | server                         |
        | the server itself              |
        | a server that asks for a token |
        | a server that knows its users  |
