i1: {ini.options_present: [{name: @TMP@/other.ini}, {sections: {s: {a: 0}, t: {z: 1}}}, {strict: true}]}
