# Alone, so that a server which takes it badly spoils no other scenario.
@serial
Feature: Messages that cannot be understood
  Front ends have bugs, and strangers knock on doors. What cannot be understood is
  refused or ends the connection in an orderly way, and never costs anybody else.

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

    Scenario Outline: Somebody else says <what>
      Given Ada has watched a long run for 5 events
      And Ben has connected
      When Ben sends <what>
      Then Ada watches the run to its end, undisturbed

      Examples:
        | what                        |
        | text that is not JSON       |
        | a list instead of an object |
        | an unknown action           |
        | a binary message            |
