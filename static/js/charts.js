"use strict";

/* Draws every [data-chart] from the figure in its attribute, in the colors of the theme in force.
   Figures stand in attributes because htmx, by our settings, drops every script element from what it swaps in. */
(() => {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const config = { displaylogo: false, responsive: true, modeBarButtons: [["toImage"]] };

  const themes = JSON.parse(document.getElementById("chart-themes").textContent);

  function themeInForce() {
    const chosen = document.documentElement.dataset.theme;
    return chosen || (system.matches ? "dark" : "light");
  }

  function paint(trace, theme) {
    const series = trace.meta.series;
    const colors = theme.template.layout.colorway;
    const painted = { ...trace, marker: { ...trace.marker, color: colors[(series || colors.length) - 1] } };
    if (trace.error_x) {
      painted.error_x = { ...trace.error_x, color: theme.interval[series] };
    }
    return painted;
  }

  function draw(element) {
    const theme = themes[themeInForce()];
    const figure = JSON.parse(element.dataset.chart);
    const data = figure.data.map((trace) => paint(trace, theme));
    window.Plotly.react(element, data, { ...figure.layout, template: theme.template }, config);
  }

  const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);

  drawAll();
  document.addEventListener("htmx:afterSettle", drawAll);
  system.addEventListener("change", drawAll);
})();
