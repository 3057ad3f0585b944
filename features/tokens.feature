Feature: Where and how long a token counts
  A server that asks for a token asks for it over HTTP and on every connection over
  the WebSocket, for as long as the token is valid and no longer.

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

  @AUTH-5 @should
  Rule: A token that expires on an open connection is asked for again before the next action.

    Scenario Outline: The viewer <asks>
      Given a server whose tokens expire
      And Ada has connected with a token that has expired since
      When Ada <asks>
      Then Ada is asked for a token again, and gets nothing else

      Examples:
        | asks                                                       |
        | starts a long run with the expired token                   |
        | asks with the expired token for a run that does not exist |
