import type { parts as source } from '../en/parts.ts'
import type { Translation } from '../words.ts'

export const parts: Translation<typeof source> = {
  'notice.undone': 'Annullato.',
  'pem.here': 'Il box lo conserva. Un altro file lo sostituisce.',
  'pem.ignored': 'Tralasciato dal file: {what}.',
  'busy.network': 'La rete qui è lenta, o il box ha molto da fare.',
  'stale.since': 'Era così {age}. {reason}',
  'banner.unreachable': 'Il box non risponde.',
  'banner.unreachable-cure':
    'Questo telefono è nella sua rete, e il box ha corrente? Viene interrogato ogni pochi secondi.',
  'banner.clock': 'L’orologio del box non è credibile: segna {time}.',
  'banner.clock-cure': 'I messaggi vengono conservati e aspettano l’ora giusta. Il box la prende dalla rete.',
  'banner.clock-do': 'Guarda l’ora',
  'banner.disk': 'Il disco del box è pieno: nessun messaggio viene accettato.',
  'banner.disk-cure': 'Togliere dalla coda ciò che non serve a nessuno, o fare spazio sulla scheda: {detail}',
  'banner.disk-do': 'Alla coda',
  'banner.slow': 'Non arriva più nulla da sé: il box viene interrogato ogni pochi secondi.',
}
