import type { Text } from '../words.ts'

/** What the parts of all pages say. */
export const parts = {
  'notice.undone': 'Taken back.',
  'pem.here': 'The box keeps it. Another file replaces it.',
  'pem.ignored': 'Left out of the file: {what}.',
  'busy.network': 'The network here is slow, or the box has much to do.',
  'stale.since': 'This is how it was {age}. {reason}',
  'banner.unreachable': 'The box does not answer.',
  'banner.unreachable-cure':
    'Is this phone in its network, and has the box power? It is asked again every few seconds.',
  'banner.clock': 'The clock of the box is not believable: it says {time}.',
  'banner.clock-cure': 'Mail is kept and waits until the time is right. The box sets it from the network.',
  'banner.clock-do': 'Look at the time',
  'banner.disk': 'The disk of the box is full: no mail is taken in.',
  'banner.disk-cure': 'Drop what nobody needs from the queue, or make room on the card: {detail}',
  'banner.disk-do': 'To the queue',
  'banner.slow': 'Nothing comes by itself any more: the box is asked every few seconds.',
} as const satisfies Readonly<Record<string, Text>>
