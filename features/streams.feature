Feature: Streams of events
  Over HTTP each answer is a stream of its own. A program knows what happens by
  the events in it, and by its end.

  @STREAM-1
  Rule: A stream ends once, and only after an ending, a replay, a pause or an `error`.

    Scenario Outline: A <part> run is watched
      When Ada watches a <part> run to its end
      Then every stream ends

      Examples:
        | part    |
        | short   |
        | failing |

    Scenario: The run pauses while two watch it
      Given Ada has watched a pausing run for 5 events
      And Ben has returned without a position
      When Ada sees the run pause
      Then every stream ends

    Scenario: The run is cancelled
      Given Ada has watched a long run for 20 events
      And Ben has returned without a position
      When Ada cancels the run
      Then every stream ends

    Scenario: The run has finished
      Given Ada has watched a short run to its end
      When Ben returns with event 2 as their position
      Then every stream ends

    Scenario: The run does not exist
      Given Ada has connected
      When Ada asks for a run that does not exist
      Then every stream ends

  @STREAM-2 @should
  Rule: A stream says something, if only a comment, at least every 30 s.

    Scenario: The viewer who started the run waits
      Given Ada has watched a run until nothing happens in it
      When Ada listens for longer than a stream may say nothing
      Then the stream was not silent for too long

    Scenario: A viewer who has returned waits
      Given Ada has watched a run until nothing happens in it
      And Ben has joined the run
      When Ben listens for longer than a stream may say nothing
      Then the stream was not silent for too long

  @STREAM-3
  Rule: One event is one server-sent event, whole: any text arrives as it was, and nothing in it ends a line or an event.

    Scenario Outline: Events contain <what>
      When Ada watches a run that repeats <what> to its end
      Then each event came whole

      Examples:
        | what                                  |
        | line breaks                           |
        | text that looks like protocol framing |
        | unusual separators                    |

    Scenario: A run with unusual separators is replayed
      Given Ada has watched a run that repeats unusual separators to its end
      When Ben returns without a position
      Then each event came whole

  @STREAM-4
  Rule: A run that is left and resumed over HTTP goes on without the viewer; a start with `background=true` is never cancelled by leaving.

    Scenario: The viewer who started the run leaves
      Given Ada has watched a long run for 5 events
      And Ada lost the connection while the run went on
      When Ben returns without a position
      Then the run comes to its end without Ada

    Scenario: Viewers who have returned leave as well
      Given Ada has watched a long run for 5 events
      And Ada lost the connection while the run went on
      And Ada has returned with their position
      And Ada lost the connection while the run went on
      When Ben returns without a position
      Then the run comes to its end without Ada

  @STREAM-5 @should
  Rule: A paused run says over HTTP what it waits for.

    Scenario: The viewer saw the run pause
      Given Ada has watched a pausing run until it paused
      When Ada asks what the run waits for
      Then the question is known

    Scenario: Another viewer returns to the paused run
      Given Ada has watched a pausing run until it paused
      And Ben has returned without a position
      When Ben asks what the run waits for
      Then the question is known
