declare module "openrosa-xpath-evaluator" {
  /** An evaluator with the functions of OpenRosa; `evaluate` is that of a document, and throws on what it cannot read. */
  export default function openRosa(): Pick<XPathEvaluatorBase, "evaluate">;
}
