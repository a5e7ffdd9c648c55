import type { update as source } from '../en/update.ts'
import type { Translation } from '../words.ts'

export const update: Translation<typeof source> = {
  'update.now': 'Maintenant',
  'update.runs': 'Ce boîtier tourne avec',
  'update.other': 'Retour possible à',
  'update.as-written': 'comme la carte a été écrite',
  'update.half': 'rien',
  'update.window': 'Plage horaire',
  'update.opens': '{window}, la prochaine {time}',
  'update.index': 'Consulte',
  'update.index-none': 'personne : update.url n’est pas défini',
  'update.looked': 'Dernière consultation',
  'update.looked-newest': '{time} : la plus récente est {version}',
  'update.not-ours':
    'Sur cette machine, les mises à jour ne se font pas ici : la personne qui s’en occupe met à jour ses paquets.',
  'update.state': 'Mise à jour',
  'update.fetching': 'Un paquet de mise à jour est en cours de récupération.',
  'update.verified':
    'La version {version} est vérifiée et peut être installée. Début de la plage horaire : {time}.',
  'update.waiting': 'La version {version} attend sa plage horaire : {time}.',
  'update.at-once': 'La version {version} commence tout de suite.',
  'update.installing':
    'La version {version} est en cours d’installation. Le courrier continue pendant ce temps.',
  'update.restart-due': 'La version {version} est installée. Le boîtier redémarre avec elle : {time}.',
  'update.on-trial':
    'La version {version} est à l’essai. Elle est gardée si tout a fonctionné pendant trois minutes ; sinon, la précédente revient.',
  'update.on-trial-not':
    'Elle n’est pas encore en bon état. Si cela dure, la version précédente revient au plus tard après 15 minutes.',
  'update.kept': 'La mise à jour vers {version} a réussi ({time}).',
  'update.rolled-back':
    'La mise à jour vers {version} n’a pas réussi : {reason} Ce boîtier tourne de nouveau avec {running}, rien n’a été perdu.',
  'update.did-not-start': 'Elle n’a pas démarré.',
  'update.not-healthy': 'Elle a démarré et n’était pas en bon état à temps.',
  'update.taken-back': 'Elle a été annulée.',
  'update.failed': 'Une mise à jour n’a pas abouti ({time}). Rien n’a été modifié.',
  'update.percent': '{percent} %',
  'update.in-window': 'Installer dans la plage horaire',
  'update.install-now': 'Installer maintenant',
  'update.restart-now': 'Redémarrer maintenant',
  'update.ordered': 'C’est en route.',
  'update.cancel': 'Abandonner',
  'update.cancelled': 'Abandonné.',
  'update.get': 'Obtenir une mise à jour',
  'update.get-line':
    'Un paquet est un fichier dont le nom finit par .raucb. Il est vérifié avant toute installation, et le courrier reste.',
  'update.fetch': 'Récupérer {version}',
  'update.check': 'Consulter maintenant',
  'update.checked': 'La version la plus récente est {version}.',
  'update.file': 'Paquet',
  'update.upload': 'Envoyer',
  'update.sent': '{percent} % envoyés. Restez sur cette page.',
  'update.from-url': 'Adresse d’un paquet (https)',
  'update.fetch-url': 'Récupérer',
  'update.sticks': 'Depuis une clé USB',
  'update.sticks-none': 'Aucune clé avec un paquet n’est branchée.',
  'update.sticks-look': 'Regarder les clés',
  'update.take': 'Prendre',
  'update.back': 'La version précédente',
  'update.back-line': 'Le boîtier peut revenir au système précédent. Le courrier et les réglages restent.',
  'update.back-do': 'Revenir à {version}',
  'update.back-other': 'Revenir',
  'update.back-done': 'Le boîtier redémarre avec la version précédente.',
  'update.available': 'La version {version} est disponible. Ce boîtier tourne avec {running}.',
  'update.receiving': 'Un paquet est en cours d’envoi à ce boîtier.',
  'update.resume':
    'En cas d’interruption : choisissez de nouveau le même fichier, l’envoi reprend où il s’est arrêté.',
  'update.restarts':
    'Le boîtier redémarre maintenant avec la version {version}. Cette page revient dans une minute environ ; les imprimantes réessaient.',
  'update.restart-hint':
    'Une fois installée, le boîtier redémarre, une minute environ. Les imprimantes réessaient, aucun message n’est perdu.',
  'update.rolled-back-next':
    'Elle n’est pas réinstallée d’elle-même. Prévenez la personne qui publie les mises à jour et attendez la version suivante.',
  'update.taken-back-next': 'Quelqu’un est revenu en arrière. Elle n’est pas réinstallée d’elle-même.',
  'update.failed-next': 'Récupérez-le de nouveau ci-dessous, ou un autre paquet.',
  'update.from-file': 'Depuis ce téléphone ou cet ordinateur',
  'update.by-url': 'Depuis une adresse',
  'update.back-hint':
    'Le boîtier redémarre, une minute environ. La version qu’il quitte n’est pas réinstallée d’elle-même.',
}
