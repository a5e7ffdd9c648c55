import type { fleet as source } from '../en/fleet.ts'
import type { Translation } from '../words.ts'

export const fleet: Translation<typeof source> = {
  'fleet.office': 'Siège',
  'fleet.state-off': 'Ce boîtier n’a pas de siège : tous les réglages sont les siens.',
  'fleet.state-waiting': 'Rien n’a encore été publié pour ce boîtier.',
  'fleet.state-current': 'Les réglages de {fleet} sont en vigueur ici (version {serial}).',
  'fleet.state-refused': 'La dernière publication n’a pas été reprise. La précédente reste en vigueur.',
  'fleet.state-rolled-back':
    'La dernière publication a nui à ce boîtier et a été annulée. L’état précédent est rétabli.',
  'fleet.canary': 'Les nouveaux réglages sont d’abord essayés sur ce boîtier.',
  'fleet.managed': 'Géré par le siège',
  'fleet.ask': 'Seul {contact} peut les modifier.',
  'fleet.ask-office': 'Seul le siège peut les modifier.',
  'fleet.looked': 'Dernière consultation',
  'fleet.told': 'Dernier état transmis',
  'fleet.never': 'jamais',
  'fleet.well': 'En ordre depuis',
  'fleet.not-well': 'pas en ordre',
  'fleet.pull': 'Consulter maintenant',
  'fleet.pulled': 'Le siège a été consulté.',
  'fleet.identity': 'Identité pour le siège',
  'fleet.identity-line':
    'Avec cette ligne, le siège scelle des secrets pour ce boîtier. Elle n’est pas secrète.',
  'fleet.identity-show': 'Afficher l’identité',
  'fleet.boxes': 'Autres boîtiers',
  'fleet.empty':
    'Ce boîtier n’en suit aucun autre : les lignes [[fleet.box]] du document de configuration le font.',
  'fleet.mood-good': 'En ordre',
  'fleet.mood-warn': 'À examiner',
  'fleet.mood-bad': 'A besoin d’aide',
  'fleet.mood-silent': 'Muet',
  'fleet.seen': 'A répondu',
  'fleet.facts':
    'Alarmes : {alarms}, avertissements : {warnings}, messages en attente : {waiting}, sorties en pause : {paused}',
  'fleet.serial': 'version {serial}',
  'fleet.row-alias': 'Alias',
  'fleet.row-device': 'Appareil',
  'fleet.row-upstream': 'Sortie',
  'fleet.row-backup': 'Sauvegarde',
  'fleet.join': 'Pour en rejoindre un, inscrivez les lignes [fleet] données par le siège dans :',
  'fleet.mood-unknown': 'En cours d’interrogation',
  'fleet.last-known': 'Son dernier état connu :',
  'fleet.box-refused': 'N’a pas repris ce que le siège a publié.',
  'fleet.box-rolled-back': 'A annulé ce que le siège a publié.',
  'fleet.table-gateway': 'Nom, courrier propre, réseaux',
  'fleet.table-listener': 'Ports pour les imprimantes',
  'fleet.table-large_files': 'Fichiers volumineux',
  'fleet.reason-unreadable':
    'Cette version ne peut pas lire ce paquet : mettez le boîtier à jour ou faites-le signer de nouveau.',
  'fleet.reason-wrong-key':
    'Aucune clé de confiance ne l’a signé. Comparez les clés publiques avec le siège : quelqu’un d’autre tient peut-être le serveur.',
  'fleet.reason-tampered': 'Il a été modifié après signature : le siège doit examiner son serveur.',
  'fleet.reason-older':
    'Il est plus ancien que ce que ce boîtier a repris : d’anciens réglages reviennent sous un numéro plus élevé.',
  'fleet.reason-wrong-box': 'Il est destiné à un autre boîtier.',
  'fleet.reason-not-listed': 'Le siège n’a rien pour un boîtier de ce nom.',
  'fleet.reason-too-large':
    'Il est plus grand que tout paquet : vérifiez ce que le serveur fournit vraiment.',
  'fleet.reason-sealed':
    'Un secret ne peut pas être ouvert ici : le siège doit le sceller de nouveau pour l’identité ci-dessous.',
  'fleet.reason-rules':
    'Il ne convient pas à ce boîtier. Nouvel essai dès que ceci est corrigé, là-bas ou ici :',
  'fleet.reason-shut-out': 'Il fermerait la porte à ce site : le siège doit corriger ceci :',
  'fleet.reason-vault-locked': 'Le coffre de ce boîtier est verrouillé : remettez le bon vault.key.',
  'fleet.reason-listener':
    'Avec lui, un port pour imprimantes n’a pas pu s’ouvrir. Le siège le voit ; rien à faire ici.',
  'fleet.reason-cannot-send':
    'Avec lui, une sortie qui pouvait envoyer s’est arrêtée. Le siège le voit ; rien à faire ici.',
  'fleet.reason-cut-off': 'Avec lui, le siège n’était plus joignable, à cause de son proxy.',
  'fleet.table-limits': 'Limites',
  'fleet.table-history': 'Historique',
  'fleet.table-console': 'Console',
  'fleet.table-alerts': 'Comment les gens sont avertis',
  'fleet.state-unreached': 'Le siège n’a pas encore pu être consulté.',
}
