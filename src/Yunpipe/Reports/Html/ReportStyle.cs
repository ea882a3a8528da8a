namespace Yunpipe.Reports.Html;

internal static class ReportStyle
{
    /// <summary>Contrast of text is at least 4.5 : 1 in both schemes, of marks at least 3 : 1. Print takes the light one.</summary>
    public const string Css = """
        :root { color-scheme: light dark; --paper: #fafaf8; --card: #fff; --ink: #1d2228; --muted: #59636e; --line: #d9dde2; --run: #2f6fce; --fail: #c5372c; --mark: #1d2228; --note: #8a5a00; --shade: #f0f1f3; }
        @media (prefers-color-scheme: dark) { :root { --paper: #14171a; --card: #1b1f24; --ink: #e6e8eb; --muted: #9ba5af; --line: #343b43; --run: #6ea8f2; --fail: #ff7b70; --mark: #fff; --note: #e0a84a; --shade: #242a30; } }
        @media print { :root { color-scheme: light; --paper: #fff; --card: #fff; --ink: #000; --muted: #444; --line: #bbb; --run: #2f6fce; --fail: #c5372c; --mark: #000; --note: #6b4500; --shade: #f2f2f2; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 80rem; padding: 1.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
        h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.35rem; margin: 0 0 .5rem; }
        h3 { font-size: 1.05rem; margin: 1.25rem 0 .25rem; overflow-wrap: anywhere; }
        p { margin: .35rem 0; max-width: 75ch; }
        p.legend { max-width: none; }
        a { color: var(--run); }
        :focus-visible { outline: 3px solid var(--run); outline-offset: 2px; }
        section { margin-top: 2.5rem; }
        nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: .75rem 0 0; padding: 0; }
        .muted, small { color: var(--muted); }
        small { display: block; font-size: .8em; line-height: 1.3; }
        .bad { color: var(--fail); }
        .note { color: var(--note); }
        .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .75rem; margin: 1.25rem 0 .75rem; }
        .tile { display: flex; flex-direction: column-reverse; justify-content: flex-end; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .9rem; }
        .tile dt { color: var(--muted); font-size: .9rem; }
        .tile dd { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.25; }
        .tile.bad { border-color: var(--fail); }
        .wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; margin: .75rem 0; }
        table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }
        th, td { padding: .4rem .55rem; text-align: right; vertical-align: top; white-space: nowrap; border-top: 1px solid var(--line); }
        thead th { color: var(--muted); font-weight: 500; vertical-align: bottom; border-top: 0; }
        thead tr:first-child th[colspan] { text-align: center; border-left: 1px solid var(--line); padding-bottom: 0; }
        th[scope=row], thead th:first-child[rowspan], td.text, th.text { text-align: left; }
        thead tr:only-child th:first-child { text-align: left; }
        td.text { white-space: normal; min-width: 20rem; }
        .chart { overflow-x: auto; }
        .chart svg { display: block; width: 100%; min-width: 44rem; height: auto; font-size: 12px; }
        svg text { fill: var(--ink); dominant-baseline: auto; }
        svg .lane { text-anchor: end; font-weight: 600; }
        svg .tick { text-anchor: middle; fill: var(--muted); font-size: 11px; }
        svg .grid { stroke: var(--line); stroke-dasharray: 2 3; }
        svg .base { stroke: var(--line); }
        svg .run { fill: var(--run); }
        svg .fail { fill: var(--fail); }
        svg .mark { stroke: var(--mark); stroke-width: 2; }
        svg .diamond { fill: var(--note); stroke: var(--paper); stroke-width: 1.5; }
        svg .ring { fill: none; stroke: var(--mark); stroke-width: 2; }
        svg .pause rect { fill: var(--shade); }
        .key { display: inline-flex; align-items: center; gap: .4em; margin-right: 1em; }
        .key i { display: inline-block; flex: none; width: .85em; height: .85em; }
        .swatch { border-radius: 2px; }
        .swatch.run { background: var(--run); }
        .swatch.fail { background: var(--fail); }
        .swatch.mark { background: var(--mark); width: 2px !important; }
        i.ring { border: 2px solid var(--mark); border-radius: 50%; }
        i.diamond { background: var(--note); transform: rotate(45deg) scale(.8); }
        .advice { border-left: 3px solid var(--note); padding-left: .75rem; }
        article { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .5rem 1rem .75rem; margin: .75rem 0; break-inside: avoid; }
        article h3 { margin-top: .25rem; }
        article.failure, article.failed { border-left: 4px solid var(--fail); }
        article ul { margin: .25rem 0; padding-left: 1.25rem; }
        article li { margin: .5rem 0; }
        .name { font-family: ui-monospace, "Liberation Mono", monospace; font-size: .92em; overflow-wrap: anywhere; }
        .sentence { overflow-wrap: anywhere; }
        pre { background: var(--shade); border-radius: .4rem; padding: .6rem .8rem; margin: .4rem 0; font-size: .82rem; line-height: 1.4; overflow: auto; max-height: 24rem; white-space: pre-wrap; overflow-wrap: anywhere; }
        summary { cursor: pointer; }
        .strip { display: flex; flex-wrap: wrap; gap: .75rem; }
        figure { margin: 0; width: 11.4rem; }
        figure img { display: block; width: 100%; height: 11.4rem; object-fit: contain; background: var(--shade); border-radius: .35rem; }
        figcaption { font-size: .8rem; line-height: 1.35; color: var(--muted); margin-top: .3rem; overflow-wrap: anywhere; }
        figcaption b { color: var(--ink); }
        figure.plain figcaption { margin: 0; padding: .6rem; border: 1px dashed var(--line); border-radius: .35rem; }
        @media print { body { max-width: none; padding: 0; font-size: 11px; } nav { display: none; } pre { max-height: none; } .chart svg { min-width: 0; } .wide { overflow: visible; } details::details-content { content-visibility: visible; block-size: auto; } }
        """;
}
