# Alone, so that a server that handles them badly does not affect other scenarios.
@serial
Feature: Messages that cannot be understood
  Front ends have bugs, and anybody can connect to a server. A message that it cannot
  understand is refused, or the connection is closed properly. Nobody else is affected.

  @MALFORMED-1 @should
  Rule: A text that is not a JSON object, an unknown action and a binary message are each answered by `error`, or the connection is closed with a close frame.

    Scenario Outline: The message is <what>
      Given Ada has connected
      When Ada sends <what>
      Then Ada is refused, or the server closes the connection

      Examples:
        | what                          |
        | text that is not JSON         |
        | a list instead of an object   |
        | a number instead of an object |
        | an object without an action   |
        | an unknown action             |
        | a binary message              |

  @MALFORMED-2
  Rule: Whatever one viewer sends, other viewers and their runs are not disturbed.

    Scenario Outline: Another viewer's message is <what>
      Given Ada has watched a <part> run for 2 events
      And Ben has connected
      When Ben sends <what>
      Then Ada watches the run to its end, undisturbed

      Examples:
        | what                        | part  |
        | text that is not JSON       | long  |
        | a list instead of an object | short |
        | an unknown action           | short |
        | a binary message            | short |
