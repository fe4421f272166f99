import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { unorderedTexts } from "./drawnTexts";

/** Functions that give words of others in order, or the app's own words, dates and numbers. */
const ordered = new Set(
  (
    "textIn inOrder formText placeName placeText placeOf stationName answerText functionText teamTitle functionOf " +
    "publisherName shownProblem filling.text located.contradictionText themeText levelText originText contactText stateText " +
    "durationText formatBytes formatDay formatMoment formatWritten showNumber pointText metresText areaText clockText limitText String " +
    "Math.floor language hrefOf groupName iconOf shownCode problemText stepProblemText reasonText statusText statusName " +
    "statusMeaning decisionText warningText decisionProblem stepName tallyText changeName partName reportsShown reportsElsewhere momentText faultText nextText changeText changeTitle " +
    "withdrawalText withdrawalReasonText conflictText versionText writerText madeText pairState queryStateText mayText heldProblem ageText"
  ).split(" "),
);

/** What may be drawn as it is, by file, and why: a row here is a promise that somebody looked. */
const asItIs: Record<string, Record<string, string>> = {
  "app/screens/CheckPhone.svelte": { "tools[tool].name()": "our words" },
  "app/screens/Due.svelte": { text: "textIn, where it is put together" },
  "app/screens/Enrol.svelte": { name: "the app's own languages" },
  "app/screens/sent/SentAnswers.svelte": { number: "counted here" },
  "app/screens/lock/Waiting.svelte": { 'String(number).padStart(2, "0")': "counted here" },
  "authoring/Downloads.svelte": { label: "our words" },
  "authoring/Insight.svelte": {
    "line.label": "authoring/insight.ts: formText",
    "line.why": "authoring/insight.ts: formText or our words",
    "hidden.label": "authoring/insight.ts: formText",
    "made.label": "authoring/insight.ts: formText",
  },
  "authoring/Preview.svelte": { "languages.some((each) => each.code === code)": "a condition" },
  "authoring/Problems.svelte": { row: "a number", position: "a number" },
  "authoring/VersionPage.svelte": { label: "our words" },
  "desk/FlagMarks.svelte": { "word()": "our words", mark: "a sign" },
  "desk/Help.svelte": { name: "keys", act: "our words" },
  "desk/Look.svelte": { name: "the app's own languages", "label()": "our words" },
  "exports/Exports.svelte": {
    name: "textIn, where the names are put together",
    "regionNames.get(code)": "textIn, where the names are put together",
    code: "the region's code",
    "formNames.get(one.checklist)": "textIn, where the names are put together",
  },
  "fill/correction/ChangeList.svelte": {
    label: "fill/correction/changes.ts: filling.text",
    before: "fill/correction/changes.ts: answerText or our words",
    after: "fill/correction/changes.ts: answerText or our words",
  },
  "fill/FillScreen.svelte": { "filling?.place": "fill/draft/filling.svelte.ts: placeText" },
  "fill/FindQuestion.svelte": {
    label: "fill/draft/search.ts: filling.text",
    why: "fill/draft/search.ts: filling.text, answerText",
  },
  "fill/inputs/FormText.svelte": { text: "filling.runs puts each run in order" },
  "fill/RepeatBlock.svelte": { "lines[at]?.summary": "fill/draft/rows.ts: answerText" },
  "fill/RepeatRow.svelte": { "line?.summary": "fill/draft/rows.ts: answerText" },
  "fill/Review.svelte": { "filling.place": "fill/draft/filling.svelte.ts: placeText" },
  "fill/ReviewList.svelte": {
    "line.label": "fill/draft/review.ts: filling.text",
    "line.why": "fill/draft/review.ts: filling.text or our words",
  },
  "fill/inputs/RankAnswer.svelte": { "labels.get(name)": "filling.text, where the labels are put together" },
  "fill/inputs/location/PlacePicker.svelte": {
    "place.name": "stationName or textIn, where places are found",
    "place.detail": "inOrder, where places are found",
  },
  "fill/inputs/media/Returned.svelte": {
    "spot?.label": "filling.spotOf: filling.text",
    "spot.label": "filling.spotOf: filling.text",
  },
  "app/screens/sent/PairConflicts.svelte": { "$props.id()": "an id" },
  "queries/Board.svelte": { team: "the team's code" },
  "queries/TeamChoice.svelte": { team: "the team's code" },
  "review/deciding/ReviewSheet.svelte": { "(labels[act] ?? m.desk_comment_text)()": "our words" },
  "review/deciding/ReportReview.svelte": { "names.get(one.path)": "textIn, where the names are put together" },
  "review/Filters.svelte": { "label()": "our words" },
  "review/ReportAnswer.svelte": { line: "review/answers.ts: inOrder" },
  "review/PhoneCheck.svelte": {
    "phone.check.version": "ASCII, as the server takes it",
    fault: "review/checkTexts.ts, phoneTexts.ts: our words, a slug in ASCII",
  },
  "review/PhoneFigures.svelte": {
    fact: "review/phoneTexts.ts: our words, numbers of reports",
    figure: "review/phoneTexts.ts: our words",
    told: "review/phoneTexts.ts: our words, numbers and days",
  },
  "review/PhotoStrip.svelte": { caption: "review/answers.ts: answerLines" },
  "review/RefusedPhones.svelte": {
    "refusedText(team.code, phone, language())": "our words, with a code and a capital the server gave",
  },
  "review/TeamsTable.svelte": { region: "the region's code", letter: "a capital the server gave" },
  "review/ReportView.svelte": { "data.region": "the region's code" },
  "summaries/RegionPage.svelte": { "label()": "our words" },
  "summaries/DaysChart.svelte": { reports: "a number" },
  "summaries/QuestionCounts.svelte": { label: "textIn, where the lines are put together" },
  "summaries/RankCounts.svelte": { place: "a number" },
  "summaries/TileMap.svelte": { "tile.short": "the region's code" },
  "ui/BottomBar.svelte": { "item.label": "our words" },
  "ui/DataTable.svelte": { label: "our words" },
  "ui/Live.svelte": { "spoken()": "what was announced" },
  "ui/Options.svelte": { "$props.id()": "an id", "option.label": "whoever asks gives it in order" },
  "ui/Segmented.svelte": { "option.label": "whoever asks gives it in order" },
  "ui/TopBar.svelte": { "back.label": "our words" },
};

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".svelte"))
  .sort();

test("no screen draws words of others without putting them in order", () => {
  expect(files.length).toBeGreaterThan(80);
  const found: Record<string, string[]> = {};
  const idle: string[] = [];
  for (const file of files) {
    const drawn = unorderedTexts(readFileSync(`src/${file}`, "utf8"), ordered);
    const allowed = asItIs[file] ?? {};
    const wrong = drawn.filter((text) => !Object.hasOwn(allowed, text));
    if (wrong.length > 0) found[file] = wrong;
    idle.push(
      ...Object.keys(allowed)
        .filter((text) => !drawn.includes(text))
        .map((text) => `${file}: ${text}`),
    );
  }
  expect(found).toEqual({});
  expect(idle.concat(Object.keys(asItIs).filter((file) => !files.includes(file)))).toEqual([]);
});

test.each([
  ["<p>{report.comment.text}</p>", ["report.comment.text"]],
  ['<p aria-label="{m.photo_of({ question: photo.name })}">', ["photo.name"]],
  ["{#each answer.lines as line}<li>{line}</li>{/each}", ["line"]],
  ["<script>\nconst told = $derived(flag.message || m.none());\n</script>{told}", ["flag.message"]],
  ["<script>\nfunction said(flag) { return flag.message; }\n</script>{said(flag)}", ["flag.message"]],
  ["<Notice title={checklist.version} />", ["checklist.version"]],
  ["{sayIt(report)}", ["sayIt(report)"]],
  ["{names.map(({ name }) => name).join(', ')}", ["name"]],
])("words of others are seen where they are drawn as they are: %s", (source, drawn) => {
  const whole = source.endsWith('">') ? `${source}</p>` : source;
  expect(unorderedTexts(whole, ordered)).toEqual(drawn);
});

test.each([
  "<p>{inOrder(report.comment.text)}</p>",
  "{#each answer.lines as line}<li>{inOrder(line)}</li>{/each}",
  "{names.map(inOrder).join(', ')}",
  "<p>{m.photo_of({ question: inOrder(photo.name) })}</p>",
  "<Station value={place.name} onclick={() => pick(place.name)} />",
])("words of others in order, and such as are not drawn, pass: %s", (source) => {
  expect(unorderedTexts(source, ordered)).toEqual([]);
});
