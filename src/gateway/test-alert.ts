import { type AlertChannel, alertChannels } from '../core/alerts.ts'
import type { ChannelTest, Done } from '../core/operations.ts'
import type { Spool } from '../core/spool.ts'
import { second } from '../core/time.ts'
import type { Notice } from '../health/notice.ts'
import { type AlertWaysParts, callChannel, mailOf } from './alert-ways.ts'

interface TestAlertParts extends AlertWaysParts {
  readonly spool: Pick<Spool, 'takeId' | 'tell'>
}

/** The whole test ends within this. */
const withinMs = 15 * second

/** Sends a test alert by every channel at once and says what each answered. Alters nothing of what was told. */
export async function testAlert(
  parts: TestAlertParts,
  who: string,
): Promise<Done<{ readonly answers: readonly ChannelTest[] }>> {
  const notice = testNotice(parts, who)
  const answers = await Promise.all(alertChannels.map((channel) => testChannel(parts, channel, notice)))
  return { kind: 'done', answers }
}

function testNotice({ setup, clock }: AlertWaysParts, who: string): Notice {
  const at = clock.wall()
  return {
    event: 'test',
    key: 'test',
    severity: 'notice',
    sentence: `This is a test alert of ${setup().gateway.name}, asked for by ${who}. Nothing is wrong.`,
    remedy: '',
    since: at,
    at,
    times: 1,
  }
}

async function testChannel(
  parts: TestAlertParts,
  channel: AlertChannel,
  notice: Notice,
): Promise<ChannelTest> {
  if (channel === 'mail') return testByMail(parts, notice)
  const answer = await callChannel(parts, channel, [notice], AbortSignal.timeout(withinMs), true)
  return { channel, answer }
}

async function testByMail(parts: TestAlertParts, notice: Notice): Promise<ChannelTest> {
  const { postmaster } = parts.setup().gateway
  if (postmaster === undefined)
    return { channel: 'mail', answer: { kind: 'off', detail: 'gateway.postmaster is not set' } }
  try {
    const mail = await mailOf(parts, [notice])
    await parts.spool.tell({ save: [], forget: [], mail, letterAt: undefined, ration: undefined })
    parts.delivery.poke()
    const { id } = mail.message
    return {
      channel: 'mail',
      answer: { kind: 'told', detail: `in the queue for ${postmaster}` },
      message: id,
    }
  } catch (error) {
    return { channel: 'mail', answer: { kind: 'failed', detail: String(error) } }
  }
}
