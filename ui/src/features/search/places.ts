/** Places and commands that the search leads to; they are found in the wrong keyboard layout too. */
import { live } from "../../shared/live.svelte";
import { panels } from "../../shared/panels.svelte";
import { preferences } from "../../shared/preferences.svelte";
import { route } from "../../shared/route.svelte";
import { session } from "../../shared/session.svelte";

export interface Place {
  name: string;
  keys?: string;
  words: string;
  go: () => void;
}

const places: readonly Place[] = [
  { name: "Смена", keys: "F2", words: "сводка начало утро", go: () => (route.screen = "shift") },
  { name: "Заявки", keys: "F3", words: "очередь звонки перезвонить", go: () => route.openQueue() },
  { name: "Просроченные заявки", words: "срок опоздали", go: () => route.openQueue("overdue") },
  { name: "Расписание", keys: "F4", words: "приёмы день врачи кресла", go: () => (route.screen = "schedule") },
  { name: "Сертификаты", keys: "F5", words: "код остаток баланс", go: () => (route.screen = "certificates") },
  { name: "Обращения", keys: "F9", words: "претензии запросы персональные данные сроки инциденты утечка роскомнадзор", go: () => (route.screen = "cases") },
  { name: "Записать на приём", words: "новая запись бронь", go: () => (panels.booking = {}) },
  { name: "Завести человека", words: "новая карточка пациент", go: () => (panels.person = { saved: (made) => route.openPerson(made.id) }) },
  { name: "Заблокировать данные по телефону", words: "блокирование номер пдн персональные", go: () => (panels.block = { phone: "" }) },
  { name: "Неотправленное", keys: "Ctrl+O", words: "связь отказано исходящие", go: () => route.openOutbox() },
  { name: "Обновить данные", words: "обменяться синхронизация связь отправить", go: () => void live.syncNow().catch(() => undefined) },
  { name: "Настройки", keys: "F7", words: "реквизиты часы врачи сотрудники услуги источники", go: () => (route.screen = "settings") },
  { name: "Вид и клавиши", words: "тема тёмная размер текста шрифт звук уведомления значок автозапуск трей", go: () => route.openSettings("window") },
  { name: "Печать: принтеры и лотки", words: "принтер лоток копии пробная бумага", go: () => route.openSettings("printers") },
  { name: "Скрыть или показать имена", keys: "F8", words: "приватность зал экран", go: () => void preferences.mine({ privacy: !preferences.value.mine.privacy }) },
  { name: "Ключи и копии", words: "комплект восстановления резервная копия бэкап", go: () => (route.screen = "keys") },
  { name: "Как работать", keys: "F1", words: "руководство помощь справка", go: () => (panels.guide = true) },
  { name: "Клавиши", keys: "?", words: "помощь горячие", go: () => (panels.keysHelp = true) },
  { name: "Заблокировать", keys: "Ctrl+L", words: "выйти замок", go: () => void session.lock() },
];

const latin = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";
const cyrillic = "йцукенгшщзхъфывапролджэячсмитьбюё";

/** What the same keys give in the Russian layout: «pfzdrb» -> «заявки». */
export function inRussianLayout(text: string): string {
  return [...text.toLowerCase()].map((char) => cyrillic[latin.indexOf(char)] ?? char).join("");
}

const fold = (text: string) => text.toLowerCase().replaceAll("ё", "е");

/** Without a query the main places; with one those that begin like it, in either layout. */
export function placesFor(query: string): readonly Place[] {
  if (query === "") return places;
  const wanted = [fold(query), fold(inRussianLayout(query))];
  const starts = (text: string) => fold(text).split(/\s+/).some((word) => wanted.some((one) => word.startsWith(one)));
  return places.filter((place) => wanted.some((one) => fold(place.name).startsWith(one)) || starts(place.name) || starts(place.words));
}
