import type { answers as source } from '../en/answers.ts'
import type { Translation } from '../words.ts'

export const answers: Translation<typeof source> = {
  'answer.wrong-claim-code': 'Le code de prise en main est un autre.',
  'answer.wrong-password': 'Le nom ou le mot de passe est faux.',
  'answer.wrong-present-password': 'Ce n’est pas votre mot de passe actuel.',
  'answer.wrong-code': 'Ce code est faux ou a déjà servi.',
  'answer.too-many-guesses': 'Trop de codes faux sont venus d’ici : réessayez dans 4 secondes.',
  'answer.too-busy': 'Beaucoup de personnes se connectent en ce moment : réessayez dans 2 secondes.',
  'answer.begin-again':
    'Cela a duré trop longtemps, ou il y a eu trop d’essais : recommencez avec le nom et le mot de passe.',
  'answer.pass-over': 'Ce lien a déjà servi, est trop ancien ou a été retiré : demandez-en un autre.',
  'answer.backup-after-reset':
    'Cette box a été réinitialisée : le fichier contient ses réglages, mais ni courrier ni la clé de ses secrets. Une sauvegarde complète se fait par une commande sur la box.',
}
