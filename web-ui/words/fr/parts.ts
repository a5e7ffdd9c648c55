import type { parts as source } from '../en/parts.ts'
import type { Translation } from '../words.ts'

export const parts: Translation<typeof source> = {
  'notice.undone': 'Annulé.',
  'pem.here': 'Le boîtier le conserve. Un autre fichier le remplace.',
  'pem.ignored': 'Laissé de côté dans le fichier : {what}.',
  'busy.network': 'Le réseau est lent ici, ou le boîtier a beaucoup à faire.',
  'stale.since': 'C’était ainsi {age}. {reason}',
  'banner.unreachable': 'Le boîtier ne répond pas.',
  'banner.unreachable-cure':
    'Ce téléphone est-il dans son réseau, et le boîtier a-t-il du courant ? Il est interrogé toutes les quelques secondes.',
  'banner.clock': 'L’horloge du boîtier n’est pas crédible : elle indique {time}.',
  'banner.clock-cure':
    'Les messages sont gardés et attendent que l’heure soit juste. Le boîtier la prend du réseau.',
  'banner.clock-do': 'Voir l’heure',
  'banner.disk': 'Le disque du boîtier est plein : aucun message n’est accepté.',
  'banner.disk-cure':
    'Retirez de la file ce dont personne n’a besoin, ou faites de la place sur la carte : {detail}',
  'banner.disk-do': 'Vers la file',
  'banner.slow': 'Plus rien n’arrive de soi-même : le boîtier est interrogé toutes les quelques secondes.',
}
