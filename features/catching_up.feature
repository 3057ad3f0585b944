Feature: Catching up after a lost connection
  A viewer who loses the connection while a run is under way misses nothing:
  on return they get what they missed, once and in order, and then watch on live.

  @CATCHUP-1
  Rule: A viewer who returns to a run under way after missing events is told so by `catch_up`, before anything else.

    Scenario: The connection drops in the middle of the run
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      When Ada returns with their position
      Then Ada is told first of all that events were missed

    Scenario: The viewer closes the page in the middle of the run
      Given Ada has watched a long run for 20 events
      And Ada left while the run went on
      When Ada returns with their position
      Then Ada is told first of all that events were missed

  @CATCHUP-2
  Rule: Exactly as many missed events follow as `catch_up` announced in `missed_events`.

    Scenario: The connection drops in the middle of the run
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      When Ada returns with their position
      Then exactly as many missed events follow as were announced

    Scenario Outline: The viewer is away while <many> events go by
      Given Ada has watched a talkative run for 20 events
      And Ben has returned without a position
      And Ada lost the connection while Ben saw <many> events go by
      When Ada returns with their position
      Then exactly as many missed events follow as were announced
      And the run goes on live to its ending, without a gap or a repeat

      Examples:
        | many                 |
        | a hundred            |
        | more than a thousand |

    Scenario: A viewer joins without a position
      Given Ada has watched a long run for 20 events
      When Ben returns without a position
      Then exactly as many missed events follow as were announced

  @CATCHUP-3
  Rule: When a viewer catches up, the missed events start right after their position and count up one by one.

    Scenario Outline: The connection drops after <seen>
      Given Ada has watched a long run for <seen>
      And Ada lost the connection while the run went on
      When Ada returns with their position
      Then the missed events start right after Ada's position and ascend one by one

      Examples:
        | seen      |
        | 1 event   |
        | 2 events  |
        | 20 events |

  @CATCHUP-4
  Rule: When a viewer catches up, `subscribed` comes once: after the last missed event and before the first live one.

    Scenario: The connection drops in the middle of the run
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      When Ada returns with their position
      Then Ada is subscribed once, between the missed events and the live ones

  @CATCHUP-5
  Rule: After `subscribed` the live events continue at the next index until the run ends, with no gap and no repeat across the whole run.

    Scenario: The connection drops in the middle of the run
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      When Ada returns with their position
      Then the run goes on live to its ending, without a gap or a repeat

    Scenario: The connection drops while another workflow, a step of the run, is at work
      Given Ada has watched a nested run for 20 events
      And Ada lost the connection while the run went on
      When Ada returns with their position
      Then the run goes on live to its ending, without a gap or a repeat

    Scenario: The connection drops twice
      Given Ada has watched a long run for 10 events
      And Ada lost the connection while the run went on
      And Ada has returned with their position
      And Ada lost the connection while the run went on
      When Ada returns with their position
      Then the run goes on live to its ending, without a gap or a repeat

    Scenario: The viewer pings after the return
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      And Ada has returned with their position
      When Ada pings
      Then the run goes on live to its ending, without a gap or a repeat

    Scenario: The connection drops again in the middle of catching up
      Given Ada has watched a talkative run for 20 events
      And Ben has returned without a position
      And Ada lost the connection while Ben saw more than a thousand events go by
      And Ada has returned, and lost the connection again in the middle of catching up
      When Ada returns with their position
      Then the run goes on live to its ending, without a gap or a repeat

  @CATCHUP-7 @should
  Rule: `status` and `current_event_count` of `catch_up` and `subscribed` agree with the events that are delivered.

    Scenario: The connection drops in the middle of the run
      Given Ada has watched a long run for 20 events
      And Ada lost the connection while the run went on
      When Ada returns with their position
      Then the announced numbers agree with the events that Ada gets
