import type { parts as source } from '../en/parts.ts'
import type { Translation } from '../words.ts'

export const parts: Translation<typeof source> = {
  'notice.undone': 'Zurückgenommen.',
  'pem.here': 'Die Box bewahrt es auf. Eine andere Datei ersetzt es.',
  'pem.ignored': 'Aus der Datei weggelassen: {what}.',
  'busy.network': 'Das Netz hier ist langsam, oder die Box hat viel zu tun.',
  'stale.since': 'So war es {age}. {reason}',
  'banner.unreachable': 'Die Box antwortet nicht.',
  'banner.unreachable-cure':
    'Ist dieses Telefon in ihrem Netz, und hat die Box Strom? Sie wird alle paar Sekunden neu gefragt.',
  'banner.clock': 'Die Uhr der Box kann nicht stimmen: Sie zeigt {time}.',
  'banner.clock-cure':
    'Mails werden behalten und warten, bis die Zeit stimmt. Die Box holt sie sich aus dem Netz.',
  'banner.clock-do': 'Uhrzeit ansehen',
  'banner.disk': 'Der Speicher der Box ist voll: Sie nimmt keine Mails an.',
  'banner.disk-cure': 'Werfen Sie aus der Warteliste, was niemand braucht, oder schaffen Sie Platz: {detail}',
  'banner.disk-do': 'Zur Warteliste',
  'banner.slow': 'Es kommt nichts mehr von selbst: Die Box wird alle paar Sekunden gefragt.',
}
