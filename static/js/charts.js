"use strict";

/* Draws every [data-chart] from the JSON that the page carries, in the colors of the theme in force. */
(() => {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const config = { displaylogo: false, responsive: true, modeBarButtons: [["toImage"]] };

  const read = (id) => JSON.parse(document.getElementById(id).textContent);

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
    const theme = read("chart-themes")[themeInForce()];
    const figure = read(element.dataset.chart);
    const data = figure.data.map((trace) => paint(trace, theme));
    window.Plotly.react(element, data, { ...figure.layout, template: theme.template }, config);
  }

  const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);

  drawAll();
  document.addEventListener("htmx:afterSettle", drawAll);
  system.addEventListener("change", drawAll);
})();
