Feature: Invalid positions
  A front end may be wrong about how far its viewer got: the number is too high, or
  it is no number at all. The viewer is told so, instead of waiting for nothing.

  @POSITION-1 @should
  Rule: A position beyond the last event is refused.

    Scenario: The position is far ahead of the run
      Given Ada has watched a long run for 20 events
      When Ben returns with a position far beyond the last event
      Then Ben is refused a position that no event has

    Scenario: The position is enormous
      Given Ada has watched a long run for 20 events
      When Ben returns with an enormous position
      Then Ben is refused a position that no event has

    @breakpoint
    Scenario: The position is a little ahead of the run
      Given Ada has watched a long run for 20 events
      When Ben returns with a position just beyond the last event
      Then Ben is refused a position that no event has

  @POSITION-2 @should
  Rule: A position that is not a whole number from 0 up (negative, fraction, text, boolean, list) is refused with an `error` that reveals nothing about the server's internals.

    Scenario Outline: The position is <what>
      Given Ada has watched a long run for 20 events
      When Ben returns with <what> as their position
      Then Ben is refused the invalid position

      Examples:
        | what              |
        | a negative number |
        | a fraction        |
        | a word            |
        | a number as text  |
        | a boolean         |
        | a list            |

  @POSITION-3
  Rule: A viewer who names a position beyond the last event gets an error, or at least the run's ending, but never silence.

    Scenario: The position is far ahead of the run
      Given Ada has watched a long run for 20 events
      When Ben returns with a position far beyond the last event
      Then Ben is refused, or learns at least how the run ends

    Scenario: The position is enormous
      Given Ada has watched a long run for 20 events
      When Ben returns with an enormous position
      Then Ben is refused, or learns at least how the run ends

    @breakpoint
    Scenario: The position is a little ahead of the run
      Given Ada has watched a long run for 20 events
      When Ben returns with a position just beyond the last event
      Then Ben is refused, or learns at least how the run ends

  @POSITION-4
  Rule: Whatever position a viewer names, no event is delivered under a negative index or one that is not its own.

    Scenario Outline: The position is <what>
      Given Ada has watched a long run for 20 events
      When Ben returns with <what> as their position
      Then every event that Ben gets has an index of its own

      Examples:
        | what              |
        | a negative number |
        | a fraction        |
        | a boolean         |

    Scenario: The position is far ahead of the run
      Given Ada has watched a long run for 20 events
      When Ben returns with a position far beyond the last event
      Then every event that Ben gets has an index of its own

    Scenario: The position is the last event seen
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      When Ada returns with their position
      Then every event that Ada gets has an index of its own

  @POSITION-5 @should
  Rule: A viewer who returns with the index of the ending is told that the run has finished.

    Scenario: The viewer returns after the ending
      Given Ada has watched a short run to its end
      And Ada has left
      When Ada returns with their position
      Then Ada is told that the run has finished

    Scenario: The viewer returns at the very moment of the ending
      Given Ada has connected
      And Ben is watching a short run
      When Ada returns with the ending as their position, as soon as it comes
      Then Ada is told that the run has finished
