"""The notebook's front door: what `import workbench as wb` offers. Thin: the library does the work, these show it."""
