Feature: The content of events
  Agents write code, poems and emoji. Whatever they write arrives unchanged, and
  can be delivered as often as viewers return.

  @CONTENT-1
  Rule: Any text in an event's content arrives unchanged: newlines, `data: `, quotes, control characters, emoji.

    Scenario Outline: Events contain <what>
      When Ada watches a run that repeats <what> to its end
      Then the text arrives unchanged

      Examples:
        | what                                  |
        | line breaks                           |
        | text that looks like protocol framing |
        | quotes and backslashes                |
        | control characters                    |
        | emoji and accents                     |
        | unusual separators                    |

    Scenario Outline: Events contain <what>, which some programs convert
      When Ada watches a run that repeats <what> to its end
      Then the text arrives unchanged

      Examples:
        | what                      |
        | a null character          |
        | text that looks like JSON |
        | a bare number             |

    @thorough
    Scenario: Events contain a megabyte of text
      When Ada watches a run that repeats a megabyte of text to its end
      Then the text arrives unchanged

  @CONTENT-2 @should
  Rule: Every message is strict JSON (RFC 8259): no `NaN`, no lone surrogate.

    Scenario: A run is watched, and then replayed
      Given Ada has watched a long run to its end
      When Ben returns without a position
      Then every message is strict JSON

  @CONTENT-3
  Rule: What is delivered live can be delivered again: no kind of content breaks catching up or the replay.

    Scenario Outline: The viewer missed events that contain <what>
      Given Ada has watched a run that repeats <what> for 20 events
      And Ada lost the connection while the run went on
      When Ada returns with event 2 as their position
      Then Ada gets the whole text

      Examples:
        | what                                  |
        | line breaks                           |
        | text that looks like protocol framing |
        | quotes and backslashes                |
        | control characters                    |
        | emoji and accents                     |
        | a null character                      |

    Scenario Outline: A run with events that contain <what> is replayed
      Given Ada has watched a run that repeats <what> to its end
      When Ben returns without a position
      Then Ben gets the whole text

      Examples:
        | what                                  |
        | line breaks                           |
        | text that looks like protocol framing |
        | quotes and backslashes                |
        | control characters                    |
        | emoji and accents                     |
        | text that looks like JSON             |
