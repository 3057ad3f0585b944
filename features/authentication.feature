Feature: Authentication
  A server that asks for a token asks for it over HTTP and on every connection over
  the WebSocket. A viewer who has none, or a wrong one, gets nothing.

  @AUTH-1
  Rule: Where authentication is required, any action but `authenticate` is answered by `auth_required` and has no effect until the viewer has authenticated.

    Scenario Outline: A viewer <asks>
      Given a server that asks for a token
      And Ada has connected without a token
      When Ada <asks>
      Then Ada is asked for a token, and nothing else happens

      Examples:
        | asks                                               |
        | pings without a token                              |
        | starts a long run without a token                  |
        | asks without a token for a run that does not exist |

    Scenario: A viewer starts a run without a token where every user has one
      Given a server that knows its users
      And Ada has connected without a token
      When Ada starts a long run without a token
      Then Ada is asked for a token, and nothing else happens

  @AUTH-2
  Rule: A wrong or missing token is answered by `auth_error` and gives access to nothing.

    Scenario Outline: A viewer authenticates <proof>
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

    Scenario Outline: A viewer authenticates <proof> where every user has a token
      Given a server that knows its users
      And Ada has connected without a token
      When Ada authenticates <proof>
      Then the token is refused, and Ada stays unauthenticated

      Examples:
        | proof                                   |
        | with a wrong token                      |
        | with a token that differs in one letter |

  @AUTH-3
  Rule: A new connection starts unauthenticated, even when its viewer returns to their own run.

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
  Rule: A server that asks for a token over HTTP also asks for one on the WebSocket.

    Scenario Outline: An unauthenticated viewer connects to <server>
      Given <server>
      And Ada was refused the list of workflows because they had no token
      When Ada starts a long run without a token
      Then Ada is asked for a token on this connection, too

      Examples:
        | server                         |
        | the server itself              |
        | a server that asks for a token |
        | a server that knows its users  |
