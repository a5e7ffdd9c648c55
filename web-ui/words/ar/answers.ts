import type { answers as source } from '../en/answers.ts'
import type { Translation } from '../words.ts'

export const answers: Translation<typeof source> = {
  'answer.wrong-claim-code': 'رمز الاستلام مختلف.',
  'answer.wrong-password': 'الاسم أو كلمة المرور غير صحيحة.',
  'answer.wrong-present-password': 'هذه ليست كلمة مرورك الحالية.',
  'answer.wrong-code': 'هذا الرمز غير صحيح أو استُخدم من قبل.',
  'answer.too-many-guesses': 'جاءت من هنا محاولات خاطئة كثيرة: أعد المحاولة بعد 4 ثوانٍ.',
  'answer.too-busy': 'كثيرون يسجّلون الدخول الآن: أعد المحاولة بعد ثانيتين.',
  'answer.begin-again': 'استغرق ذلك وقتًا طويلًا أو كانت المحاولات كثيرة: ابدأ من جديد بالاسم وكلمة المرور.',
  'answer.pass-over': 'هذا الرابط استُخدم من قبل أو قديم جدًا أو سُحب: اطلب رابطًا آخر.',
  'answer.backup-after-reset':
    'أُعيد ضبط هذا الصندوق: يحتوي الملف على إعداداته دون البريد ودون مفتاح أسراره. النسخة الكاملة تُصنع بأمر على الصندوق نفسه.',
}
