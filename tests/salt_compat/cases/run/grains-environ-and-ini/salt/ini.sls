i1: {ini.options_present: [{name: @TMP@/have.ini}, {sections: {s: {a: 5}}}]}
i2: {ini.options_present: [{name: @TMP@/have.ini}, {sections: {s: {a: 0}, t: {z: 1}}}, {strict: true}]}
i3: {ini.options_absent: [{name: @TMP@/have.ini}, {sections: {s: [a, nosuch]}}]}
i4: {ini.options_absent: [{name: @TMP@/have.ini}, {sections: {nosuch: [a]}}]}
i5: {ini.options_absent: [{name: @TMP@/have.ini}, {sections: {top: null}}]}
i6: {ini.sections_present: [{name: @TMP@/have.ini}, {sections: [n, s]}]}
i7: {ini.sections_absent: [{name: @TMP@/have.ini}, {sections: [s, nosuch]}]}
i8: {ini.options_present: [{name: @TMP@/have.ini}]}
